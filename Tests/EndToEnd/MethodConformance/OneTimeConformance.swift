/// One-time codes (E20, E21) and magic links (E18, E19).
enum OneTimeConformance {
    static let all = [sendCode, checkCode, sendLink, checkLink]

    static let mail: JSONTree = [
        "subject": "Hello", "bodyText": "Here you are", "primaryColor": "#6981FF", "senderName": "The walk",
    ]
}
